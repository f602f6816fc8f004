import { createHmac, randomBytes } from "node:crypto";

/** What a browser's `navigator.credentials` takes and gives, as far as passkeys for vaults need it. */
interface Request {
  readonly publicKey: {
    readonly allowCredentials: readonly { readonly id: Uint8Array }[];
    readonly extensions: {
      readonly prf: { readonly eval: { readonly first: Uint8Array; readonly second: Uint8Array } };
    };
  };
}

/** An authenticator with the PRF extension in software, behind the calls that browsers have (Web Authentication, level 3). */
export class SoftwareAuthenticator {
  readonly #secrets = new Map<string, Uint8Array>();
  /** How often it was asked for a key. */
  asked = 0;
  /** What its owner does when asked. */
  answer: "yes" | "no" | "without PRF" = "yes";

  /** `navigator.credentials.create`. */
  readonly create = (): Promise<object> => {
    const rawId = new Uint8Array(randomBytes(20));
    this.#secrets.set(Buffer.from(rawId).toString("hex"), randomBytes(32));
    return this.#given({
      rawId,
      response: { getTransports: () => ["internal"] },
      getClientExtensionResults: () => (this.answer === "without PRF" ? {} : { prf: { enabled: true } }),
    });
  };

  /** `navigator.credentials.get`. */
  readonly get = ({ publicKey: { allowCredentials, extensions } }: Request): Promise<object> => {
    this.asked++;
    const [secret] = allowCredentials.map(({ id }) => this.#secrets.get(Buffer.from(id).toString("hex")));
    if (!secret) return Promise.reject(new DOMException("no such credential", "NotAllowedError"));
    const { first, second } = extensions.prf.eval;
    const prf = (input: Uint8Array): Uint8Array => new Uint8Array(createHmac("sha256", secret).update(input).digest());
    const results = { first: prf(first), second: prf(second) };
    return this.#given({
      getClientExtensionResults: () => (this.answer === "without PRF" ? {} : { prf: { results } }),
    });
  };

  /** Puts it in the place of the browser's; returns what takes it away again. */
  plugIn(): () => void {
    const known = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { configurable: true, value: { credentials: this } });
    return () => {
      if (known) Object.defineProperty(globalThis, "navigator", known);
      else Reflect.deleteProperty(globalThis, "navigator");
    };
  }

  #given(credential: object): Promise<object> {
    if (this.answer !== "no") return Promise.resolve(credential);
    return Promise.reject(new DOMException("the owner said no", "NotAllowedError"));
  }
}
