import { permissionedPrograms, startPermissioned } from "/work/main/test/peers/helpers/permissioned.js";
import { ask } from "/work/main/test/peers/helpers/json-rpc.js";
const t=performance.now();
const a = await startPermissioned(permissionedPrograms()!);
console.log(a, performance.now()-t);
console.log(await ask(a.url,"eth_getBlockByNumber",["latest",false]));
if (process.argv[2]==="crash") process.kill(process.pid,"SIGKILL");
if (process.argv[2]!=="forget") { await a.stop();  }
console.log(performance.now()-t);
