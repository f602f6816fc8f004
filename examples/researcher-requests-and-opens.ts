// A researcher asks for a record, the patient sees the request and approves it, for research alone.
import { bytesSource, isCareKeyError, randomLabel } from "carekey";
import { actor, attested, provider } from "./setup.js";

const researcher = await attested("researcher");
const patient = await actor();
const steps = bytesSource("steps.csv", new TextEncoder().encode("day,steps\n1,8123\n2,10441\n"), "text/csv");
const { recordId } = await patient.share([steps], { patient: patient.address, compartment: randomLabel() });

const end = (await patient.now()) + 180 * 24 * 60 * 60;
await researcher.request({
  patient: patient.address,
  scope: recordId,
  role: "researcher",
  permissions: ["READ"],
  purposes: ["HRESCH"],
  end,
});

for (const { id, requester, scope, role, purposes } of await patient.requests()) {
  console.log(`${role} ${requester} asks for ${scope}, for ${purposes.join(", ")}`);
  await patient.approve(id);
}

const { parts } = await researcher.open(recordId, { purpose: "HRESCH" });
for (const { name, stream } of parts) {
  for await (const chunk of stream()) console.log(`${name}:\n${new TextDecoder().decode(chunk)}`);
}

// the consent was for research: not for marketing
await researcher.open(recordId, { purpose: "HMARKT" }).catch((error: unknown) => {
  if (!isCareKeyError(error, "ACCESS_REFUSED")) throw error;
  console.log(`For marketing: ${error.code}`);
});
provider.destroy();
