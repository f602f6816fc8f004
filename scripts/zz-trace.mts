import hre from "hardhat";
import { Wallet } from "ethers";
import CareKey from "../deploy/modules/CareKey.js";
await hre.tasks.getTask("build").run({ quiet: true });
const { ethers, ignition, provider } = await hre.network.create({network:"default", override:{initialDate:new Date(1898136935000), allowBlocksWithSameTimestamp: true}});
const d = await ignition.deploy(CareKey);
const c = await ethers.getContractAt("ConsentRegistry", await d.consentRegistry.getAddress());
const r = await ethers.getContractAt("RecordRegistry", await d.recordRegistry.getAddress());
const [,p,g] = await ethers.getSigners();
const label = "0x11".padEnd(66,"1");
const terms = (perm: bigint, pur: bigint) => 0x71234567n | ((0x71234567n+31536000n)<<40n)|(pur<<120n)|(perm<<184n);
const content = ethers.id("c");
const which = process.argv[2];
let tx: any;
if (which==="grant") tx = await c.connect(p).grant(g, label, terms(1n,1n), ethers.ZeroHash, {gasPrice:0});
if (which==="revoke") { await c.connect(p).grant(g, label, terms(1n,1n), ethers.ZeroHash, {gasPrice:0}); tx = await c.connect(p).revoke(g, label, {gasPrice:0});}
if (which==="anchor") { await c.connect(p).grant(g, label, terms(2n,0n), ethers.ZeroHash, {gasPrice:0}); tx = await r.connect(g).anchor(p, label, content, content, {gasPrice:0});}
let t: any;
if (tx) t = await provider.request({method:"debug_traceTransaction",params:[tx.hash,{disableStack:false}]});
if (which?.startsWith("can")) {
  const scope = [await r.recordIdOf(p,label,content), label, ethers.ZeroHash][Number(which[3])-1]!;
  await c.connect(p).grant(g, scope, terms(1n,1n), ethers.ZeroHash, {gasPrice:0});
  t = await provider.request({method:"debug_traceCall",params:[{from:p.address,to:await c.getAddress(),data:c.interface.encodeFunctionData("canAccess",[p.address,g.address,label,content,1n,1n])},"latest",{disableStack:false}]});
}
let big=0, small=0;
for (const [i,s] of t.structLogs.entries()) {
  const next = t.structLogs[i+1];
  const used = next && next.depth===s.depth ? s.gas-next.gas : s.gasCost;
  if (process.argv[3]) console.log(s.depth, s.pc, s.op, used, s.op.startsWith("PUSH")?"": (s.stack??[]).slice(-3).map((x:string)=>x.replace(/^0x/,"").replace(/^0+/,"")).join(" "));
  if (/SLOAD|SSTORE|LOG|CALL$|STATICCALL/.test(s.op)) { console.log("#", s.depth, s.op, used); big+= used;} else small+=s.gasCost;
}
console.log(which, "steps", t.structLogs.length, "small ops", small, "big", big);
