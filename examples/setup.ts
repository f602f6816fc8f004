// What the examples share: actors with empty wallets on the chain of `npm start`, and a hospital that may attest them.
import { JsonRpcProvider, Wallet } from "ethers";
import { type CareKey, type Role, connect, fsStore, generateIdentity, recordedDeployment } from "carekey";

export const deployment = await recordedDeployment(31337);
export const provider = new JsonRpcProvider("http://127.0.0.1:18545", deployment.chainId, { staticNetwork: true });
const store = await fsStore("artifacts/example-blocks");

/** An actor with a published key. */
export async function actor(signer: Parameters<typeof connect>[0]["signer"] = Wallet.createRandom()): Promise<CareKey> {
  const carekey = await connect({ signer, provider, deployment, store, identity: await generateIdentity() });
  await carekey.publishKey();
  return carekey;
}

/** An actor whom a hospital has attested, for a year. */
export async function attested(role: Role): Promise<CareKey> {
  const [consortium, hospital, professional] = [await actor(await provider.getSigner(0)), await actor(), await actor()];
  await consortium.accreditIssuer(hospital.address, role);
  await hospital.issueCredential(professional.address, role, (await hospital.now()) + 365 * 24 * 60 * 60);
  return professional;
}
