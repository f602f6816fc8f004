import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The whole of CareKey on one chain. `admin` (default: the deployer) governs who is an accredited issuer of credentials and
 * nothing else: no contract gives anybody power over a patient's data.
 *
 * One contract after the other: of two transactions on their way Ignition may know the later one to be mined and not the earlier, and many a run that was
 * killed then goes on no more (docs/decisions/0024).
 */
export default buildModule("CareKey", (m) => {
  const admin = m.getParameter("admin", m.getAccount(0));
  const accessManager = m.contract("AccessManager", [admin]);
  const groupFactory = m.contract("GroupFactory", [], { after: [accessManager] });
  const keyRegistry = m.contract("KeyRegistry", [], { after: [groupFactory] });
  const credentialRegistry = m.contract("CredentialRegistry", [accessManager], { after: [keyRegistry] });
  const consentRegistry = m.contract("ConsentRegistry", [], { after: [credentialRegistry] });
  const announcements = m.contract("Announcements", [consentRegistry, credentialRegistry]);
  const recordRegistry = m.contract("RecordRegistry", [consentRegistry, credentialRegistry], {
    after: [announcements],
  });
  return {
    accessManager,
    credentialRegistry,
    keyRegistry,
    consentRegistry,
    announcements,
    recordRegistry,
    groupFactory,
  };
});
