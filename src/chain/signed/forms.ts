/** What makes a signature that opens something work once, and not after anything else that its signer does. */
const opening = "uint56 stand,uint40 session,uint16 number,uint40 deadline";

/** What makes a signature work once, in any order with others. */
const once = "uint256 id,uint40 deadline";

/** A grant's place, by its parts. */
const place = "address patient,address grantee,bytes32 compartment,bytes32 content,bytes32 under";

const record = "address patient,bytes32 compartment,bytes32 content";

/** A wish of access, as a wallet shows it. */
const wish = "bytes32 scope,bytes32 role,bool read,bool write,uint64 purposes,uint40 end";

/**
 * The EIP-712 types of what is signed, by the contract that takes it: those of `ConsentForms.sol`, `AnnouncementForms.sol`, `RecordForms.sol`,
 * `KeyForms.sol` and `GroupForms.sol`. The first field is the signer.
 */
export const forms = {
  ConsentRegistry: {
    Grant: `address patient,address grantee,bytes32 scope,bool read,bool write,bool group,uint32 lifts,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,${opening}`,
    Lift: `address patient,address grantee,bytes32 scope,uint40 era,${opening}`,
    Delegate: `address patient,address delegate,bytes32 scope,bool read,bool write,bool deny,bool group,bool manage,uint64 purposes,uint40 longest,uint40 end,uint40 era,${opening}`,
    GrantFor: `address delegate,${place},bool read,bool write,bool group,uint64 purposes,uint40 start,uint40 end,uint40 era,bytes32 capsule,uint32 delegatedAt,${opening}`,
    Revoke: `address patient,address grantee,bytes32 scope,${once}`,
    RevokeMany: `address patient,GrantKey[] grants,${once}`,
    Deny: `address patient,address grantee,bytes32 scope,${once}`,
    Undelegate: `address patient,address delegate,bytes32 scope,${once}`,
    Lockdown: `address patient,bytes32 salt,${once}`,
    RevokeFor: `address delegate,${place},${once}`,
    DenyFor: `address delegate,${place},${once}`,
  },
  Announcements: {
    Deliver: `address by,address patient,address[] grantees,bytes32 compartment,bytes32 content,bytes32 capsule,${once}`,
    Request: `address requester,address patient,${wish},uint256 credential,${once}`,
    Withdraw: `address requester,address patient,uint32 request,${once}`,
    Answer: `address patient,address requester,${wish},uint32 request,bool approved,${once}`,
  },
  RecordRegistry: {
    Anchor: `address author,${record},bytes32 manifest,uint40 deadline`,
    Point: `address by,${record},bytes32 manifest,uint32 number,uint40 deadline`,
    Amend: `address by,${record},bytes32 newContent,bytes32 manifest,bytes32 reason,uint40 deadline`,
    Retract: `address by,${record},bytes32 reason,uint40 deadline`,
    Erasure: `${record},uint40 era,uint40 deadline`,
    ErasureReceipt: `address operator,${record},bytes32 role,uint256 credential,uint40 deadline`,
    AnchorRoot: "address author,bytes32 root,uint32 count,bytes32 leaves,uint40 deadline",
    ClaimLeaf: `address author,bytes32 root,${record},bytes32 manifest,uint40 deadline`,
    Witness: "address signer,bytes32 digest,uint40 deadline",
  },
  KeyRegistry: {
    Publish: "address actor,bytes recipient,uint32 version,uint40 deadline",
    PointVault: "address actor,bytes32 vault,uint32 number,uint40 deadline",
  },
  GroupFactory: {
    CreateGroup: "address manager,bytes32 salt,uint40 deadline",
  },
  Group: {
    SetManager: "address manager,address successor,uint32 number,uint40 deadline",
    SetMembers: "address manager,address[] members,uint40 until,uint64 purposes,uint32 number,uint40 deadline",
    Resign: `address member,${once}`,
  },
} as const;

/** Structs that fields of the types above are made of. */
export const structs = { GrantKey: "address grantee,bytes32 scope" } as const;

/** What a contract needs besides and checks itself, so that nobody signs it. */
export const attachments = {
  /** The request as it was announced. */
  Withdraw: wish,
  /** Hashes beside the path from the record to the root. */
  ClaimLeaf: "bytes32[] proof",
} as const;
