import openWabt from "wabt";

/** The bytes of a WebAssembly module from its text, without names, so that they are the same everywhere. */
export async function compileWat(text: string): Promise<Uint8Array> {
  const wabt = await openWabt();
  const module = wabt.parseWat("module.wat", text, { simd: true });
  module.resolveNames();
  module.validate();
  return module.toBinary({ write_debug_names: false }).buffer;
}
