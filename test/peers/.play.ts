import { permissionedPrograms, startPermissioned } from "./helpers/permissioned.js";
import { anvilProgram, startAnvil } from "./helpers/anvil.js";
import { startGeth } from "./helpers/geth.js";
import { Stage } from "../../scripts/demo/stage.js";
import { play } from "../../scripts/demo/story.js";
import type { TestChain } from "./helpers/chain.js";
const starts: Record<string, () => Promise<TestChain>> = { anvil: () => startAnvil(anvilProgram()!), geth: () => startGeth("/tmp/peers/bin/geth"), l1: () => startPermissioned(permissionedPrograms()!) };
for (const [name, start] of Object.entries(starts)) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  let t = performance.now();
  const lap = (k: string) => { console.log(k, Math.round(performance.now() - t)); t = performance.now(); };
  const c = await start();
  lap(name + " up");
  try {
    const stage = await Stage.build({ chain: { rpc: c.url, privateKey: c.key } });
    lap("deployed");
    const log = await play(stage, (l) => console.log(l));
    lap("played");
    console.log(stage.identical, stage.refused.map((r) => r.code).join(), log.map((l) => l.what).join());
    console.log(stage.costs.map(c=>[c.step,c.seconds]).join(" "));
    await stage.strike();
  } catch (e) { console.log(e); } finally { await c.stop(); lap("stopped"); }
}
