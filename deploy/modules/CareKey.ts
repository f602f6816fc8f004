import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The whole of CareKey on one chain. `admin` (default: the deployer) governs who is an accredited issuer of credentials and
 * nothing else: no contract gives anybody power over a patient's data.
 */
export default buildModule("CareKey", (m) => {
  const admin = m.getParameter("admin", m.getAccount(0));
  const accessManager = m.contract("AccessManager", [admin]);
  const credentialRegistry = m.contract("CredentialRegistry", [accessManager]);
  const keyRegistry = m.contract("KeyRegistry");
  const consentRegistry = m.contract("ConsentRegistry", [credentialRegistry]);
  const recordRegistry = m.contract("RecordRegistry", [consentRegistry, credentialRegistry]);
  const groupFactory = m.contract("GroupFactory");
  return { accessManager, credentialRegistry, keyRegistry, consentRegistry, recordRegistry, groupFactory };
});
