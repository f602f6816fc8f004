/** The part of the library that makes a chain, with types: those that it brings are written for bundlers and not found by Node's rules. */
import * as library from "@avalabs/avalanchejs";

/** Something that the library gives and takes, and that nobody else looks into. */
interface Opaque {
  readonly opaque: unique symbol;
}

export interface Common {
  readonly feeState: object;
  readonly utxos: readonly Opaque[];
  readonly fromAddressesBytes: readonly Uint8Array[];
  readonly changeAddressesBytes: readonly Uint8Array[];
}

interface Owned extends Common {
  readonly subnetId: string;
  /** Which of the subnet's owners sign. */
  readonly subnetAuth: readonly number[];
}

export interface UnsignedTx {
  toBytes(): Uint8Array;
  getCredentials(): readonly unknown[];
  addSignatureAt(signature: Uint8Array, credential: number, slot: number): void;
  getSignedTx(): Opaque;
}

export interface Seat {
  readonly nodeId: { readonly bytes: Uint8Array };
}

export interface Network {
  /** Prefix of addresses. */
  readonly hrp: string;
  readonly platformFeeConfig: { readonly maxCapacity: bigint };
}

export interface PlatformApi {
  getUTXOs(of: { addresses: readonly string[] }): Promise<{ utxos: readonly Opaque[] }>;
  getFeeState(): Promise<object>;
  issueSignedTx(tx: Opaque): Promise<{ txID: string }>;
  getTxStatus(of: { txID: string }): Promise<{ status: string; reason?: string }>;
}

type Build<Properties> = (properties: Properties, network: Network) => UnsignedTx;

interface Library {
  readonly Context: { getContextFromURI(url: string): Promise<Network> };
  readonly L1Validator: {
    fromNative(id: string, weight: bigint, balance: bigint, signer: Opaque, refund: Opaque, deactivate: Opaque): Seat;
  };
  readonly PChainOwner: { fromNative(addresses: readonly Uint8Array[], threshold: number): Opaque };
  readonly pvm: {
    readonly PVMApi: new (url: string) => PlatformApi;
    readonly newCreateSubnetTx: Build<Common & { subnetOwners: readonly Uint8Array[] }>;
    readonly newCreateChainTx: Build<
      Owned & { vmId: string; chainName: string; fxIds: readonly string[]; genesisData: object }
    >;
    readonly newConvertSubnetToL1Tx: Build<
      Owned & { chainId: string; address: Uint8Array; validators: readonly Seat[] }
    >;
  };
  readonly pvmSerial: { readonly ProofOfPossession: new (publicKey: Uint8Array, proof: Uint8Array) => Opaque };
  readonly secp256k1: {
    getPublicKey(key: Uint8Array): Uint8Array;
    publicKeyBytesToAddress(key: Uint8Array): Uint8Array;
    sign(message: Uint8Array, key: Uint8Array): Promise<Uint8Array>;
  };
  readonly utils: { format(chain: string, prefix: string, address: Uint8Array): string };
}

export const avalanche = library as unknown as Library;
