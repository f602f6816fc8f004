import { createRequire } from "node:module";
import path from "node:path";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

// The npm build of the compiler (WebAssembly): nothing is downloaded.
const compiler = path.join(path.dirname(createRequire(import.meta.url).resolve("solc/package.json")), "soljson.js");

/** A simulated chain on which a wallet without ether can act, as on a consortium's network. */
const simulated = {
  type: "edr-simulated",
  chainType: "l1",
  hardfork: "cancun",
  chainId: 31337,
  initialBaseFeePerGas: 0,
} as const;

const { CAREKEY_DEPLOY: deployFolder = "./deploy", PERMISSIONED_CHAIN_ID: chainId } = process.env;

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  paths: {
    sources: "./contracts",
    tests: { mocha: "./test/unit", solidity: "./test/solidity/properties" },
    ignition: deployFolder, // modules in deploy/modules, records in deploy/deployments
  },
  typechain: { outDir: "./src/chain/typechain" },
  solidity: {
    // One profile: what is tested and measured is what is deployed.
    profiles: {
      default: {
        version: "0.8.37",
        path: compiler,
        settings: { evmVersion: "cancun", viaIR: true, optimizer: { enabled: true, runs: 2000 } },
      },
    },
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
  },
  networks: {
    default: simulated,
    node: simulated,
    localhost: {
      type: "http",
      chainType: "l1",
      url: configVariable("LOCAL_RPC_URL", { default: "http://127.0.0.1:18545" }),
      accounts: "remote",
      gasPrice: 0,
      ignition: { gasPrice: 0n, disableFeeBumping: true },
    },
    permissioned: {
      type: "http",
      chainType: "l1",
      url: configVariable("PERMISSIONED_RPC_URL"),
      accounts: [configVariable("PERMISSIONED_PRIVATE_KEY")],
      // any chain where none is named; fees are the chain's own, none where its base fee is 0
      ...(chainId === undefined ? {} : { chainId: Number(chainId) }),
    },
  },
  ignition: { requiredConfirmations: 1, blockPollingInterval: 100 },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      fuzz: { runs: 512, seed: "0xca4e" },
      invariant: { runs: 64, depth: 32, failOnRevert: true },
    },
  },
});
