// A doctor adds a record, the patient grants it to another doctor, who opens it. Needs the chain of `npm start`.
import { JsonRpcProvider, Wallet } from "ethers";
import { bytesSource, connect, fsStore, generateIdentity, randomLabel, recordedDeployment } from "carekey";

const deployment = await recordedDeployment(31337);
const provider = new JsonRpcProvider("http://127.0.0.1:18545", deployment.chainId, { staticNetwork: true });
const store = await fsStore("artifacts/example-blocks");

async function actor(signer: Parameters<typeof connect>[0]["signer"] = Wallet.createRandom()) {
  const carekey = await connect({ signer, provider, deployment, store, identity: await generateIdentity() });
  await carekey.publishKey();
  return carekey;
}
const [consortium, hospital, author, reader, patient] = [
  await actor(await provider.getSigner(0)),
  await actor(),
  await actor(),
  await actor(),
  await actor(),
];

// who is who
const inOneYear = (await patient.now()) + 365 * 24 * 60 * 60;
await consortium.accreditIssuer(hospital.address, "practitioner");
await hospital.issueCredential(author.address, "practitioner", inOneYear);

// who may write, and a first record
const laboratory = { label: randomLabel(), name: "laboratory" };
await patient.grant({ grantee: author.address, scope: laboratory.label, permissions: ["WRITE"], end: inOneYear });
const report = bytesSource("glucose.txt", new TextEncoder().encode("Glucose 5.4 mmol/L"), "text/plain");
const { recordId } = await author.share([report], {
  patient: patient.address,
  compartment: laboratory.label,
  role: "practitioner",
  title: "Blood glucose",
});

// who may read
await patient.grant({
  grantee: reader.address,
  scope: laboratory.label,
  permissions: ["READ"],
  purposes: ["TREAT"],
  end: inOneYear,
  compartments: [laboratory],
});
const { parts, stamps } = await reader.open(recordId, { purpose: "TREAT" });
for (const { name, stream } of parts) {
  for await (const chunk of stream()) console.log(`${name}: ${new TextDecoder().decode(chunk)}`);
}
console.log(
  `Stamped by ${stamps.map(({ signer, proven }) => `${signer}${proven ? " (credentialed)" : ""}`).join(", ")}`,
);

// and no longer
await patient.revoke(reader.address, laboratory.label);
await reader.open(recordId, { purpose: "TREAT" }).catch((error: unknown) => {
  console.log(`After the revocation: ${String(error)}`);
});
provider.destroy();
