// Patients without ether sign consents on paper-thin clients; the clinic submits them in one transaction.
import { Wallet } from "ethers";
import { type SignedAction, parseSignedAction, prepareGrant, randomLabel, sign, submitGrants } from "carekey";
import { actor, provider } from "./setup.js";

const clinic = await actor();
const doctor = await actor();
const end = (await clinic.now()) + 30 * 24 * 60 * 60;

// the clinic's tablet shows each patient what they sign, field by field; what comes back is plain JSON
const papers: string[] = [];
for (const wallet of [Wallet.createRandom(), Wallet.createRandom(), Wallet.createRandom()]) {
  const wish = { patient: wallet.address, grantee: doctor.address, scope: randomLabel(), end } as const;
  const action = await prepareGrant(clinic.chain, { ...wish, permissions: ["READ"], purposes: ["TREAT"] });
  papers.push(JSON.stringify(await sign(wallet, action)));
}

// one of them is not what its patient signed
papers[1] = papers[1]?.replace(/"end":\d+/, `"end":${end + 1}`) ?? "";

const signed = papers.map((paper) => parseSignedAction(JSON.parse(paper)) as SignedAction<"Grant">);
for (const { index, done, error } of await submitGrants(clinic.chain, signed)) {
  console.log(`Consent ${index + 1}: ${done ? "granted" : `left out, ${String(error?.details.error)}`}`);
}
provider.destroy();
