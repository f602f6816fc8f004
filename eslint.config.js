import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

/** Which folders of src/ may not import which: arrows point one way (README, file map). */
const closed = (files, folders, message) => ({
  files,
  rules: {
    "no-restricted-imports": ["error", { patterns: [{ group: folders.map((folder) => `**/${folder}/**`), message }] }],
  },
});
/** Signatures are for stamps and consents: whoever talks a wallet into signing a text would have a key that is derived from one. */
const named = { selector: "ExportDefaultDeclaration", message: "name what you export" };
const noSignature = [
  "signMessage",
  "signMessageSync",
  "signTypedData",
  "personal_sign",
  "eth_sign",
  "eth_signTypedData_v4",
].map((name) => ({
  selector: `:matches(Identifier[name='${name}'], Literal[value='${name}'])`,
  message: "signatures are made in src/crypto/stamp.ts and src/chain/signed/ alone, and no key is derived from one",
}));
const leaf = "format, crypto, storage and chain do not know each other, nor the pipelines above them";

export default tseslint.config(
  {
    ignores: [
      "node_modules",
      "artifacts",
      "cache",
      "dist",
      "coverage",
      "src/chain/typechain",
      "deploy/deployments",
      ".venv",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            "eslint.config.js",
            "scripts/lock.mjs",
            "scripts/verify/solc.mjs",
            "scripts/bench-crypto/program.mjs",
          ],
        },
      },
    },
    rules: {
      "no-console": "error",
      "no-restricted-syntax": ["error", named],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  closed(["src/format/**"], ["crypto", "storage", "chain", "record"], leaf),
  closed(["src/crypto/**"], ["format", "storage", "chain", "record"], leaf),
  {
    // one source for Node and browsers: what is Node's own stays in these files (docs/decisions/0013)
    files: ["src/crypto/**"],
    ignores: ["src/crypto/primitives/native*.ts", "src/crypto/files/**"],
    rules: {
      "no-restricted-globals": ["error", "Buffer", "process"],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["format", "storage", "chain", "record"].map((folder) => `**/${folder}/**`), message: leaf },
            { regex: "^node:|/files/|new-file", message: "browsers have none of it: see primitives/types.ts" },
          ],
        },
      ],
    },
  },
  closed(["src/storage/**"], ["format", "crypto", "chain", "record", "node"], leaf),
  closed(["src/node/**"], ["format", "crypto", "chain", "record", "cli"], "a storage node knows storage alone"),
  closed(["src/chain/**"], ["format", "crypto", "storage", "record"], leaf),
  {
    files: ["src/**"],
    ignores: ["src/crypto/stamp.ts", "src/chain/signed/**"],
    rules: { "no-restricted-syntax": ["error", named, ...noSignature] },
  },
  {
    // configuration that a tool loads by its default export; scripts talk to a person
    files: ["*.config.{js,ts}", "deploy/modules/*.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["scripts/**", "examples/**"], rules: { "no-console": "off" } },
  {
    // chai's assertions are expressions
    files: ["test/**"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
  { files: ["**/*.{js,mjs}"], ...tseslint.configs.disableTypeChecked },
  prettier,
);
