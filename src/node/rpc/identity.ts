import { generateKeyPairSync } from "node:crypto";
import { base58btc } from "multiformats/bases/base58";
import { command } from "./command.js";

/** The release of Kubo whose commands these are, for clients that look at it. */
const KUBO = "0.42.0";
export const REPOSITORY = "18";
const AGENT = "carekey";
/** An Ed25519 public key of libp2p (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md): type 1, then 32 bytes. */
const KEY_PREFIX = [0x08, 0x01, 0x12, 0x20];
/** A multihash of 36 bytes by the identity function. */
const ID_PREFIX = [0x00, 0x24];

/** What the node is. */
export const version = command({}, () => {
  const system = `${process.arch}/${process.platform}`;
  return Promise.resolve({
    document: { Version: KUBO, Commit: AGENT, Repo: REPOSITORY, System: system, Golang: "" },
  });
});

/** A peer id, which clients insist on. The node is in no swarm, so the id is of this process only and nobody can dial it. */
export const identity = command({}, () => Promise.resolve({ document: me }));

const me = describe();

function describe() {
  const { publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const key = Buffer.concat([Buffer.from(KEY_PREFIX), Buffer.from(x ?? "", "base64url")]);
  const id = base58btc.baseEncode(Buffer.concat([Buffer.from(ID_PREFIX), key]));
  return { ID: id, PublicKey: key.toString("base64"), Addresses: null, AgentVersion: AGENT, Protocols: null };
}
