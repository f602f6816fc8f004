/**
 * Runs before the tests of every mutant: makes the chain that they start from with the code as it is, and drops what the tests of the mutant before
 * built on it. Else a mutant could be refused for what another one left behind.
 */
import { loadFixture, registries } from "../../test/helpers/chain.js";

/** What Stryker keeps for all modules: which mutant is at work, and which tests reach which. */
interface Stryker {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  readonly mutantCoverage?: { readonly perTest: Record<string, unknown> };
}

before(async () => {
  const stryker = (globalThis as unknown as { __stryker__: Stryker }).__stryker__;
  const { activeMutant, currentTestId } = stryker;
  stryker.activeMutant = undefined;
  // what is reached here is reached by no test, and is not static either
  stryker.currentTestId = "fixture";
  await loadFixture(registries);
  delete stryker.mutantCoverage?.perTest.fixture;
  Object.assign(stryker, { activeMutant, currentTestId });
});
