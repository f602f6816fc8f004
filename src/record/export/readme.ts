import type { ExportIndex } from "./layout.js";

/** What README.txt says; it follows from the index. */
export function readmeOf(index: ExportIndex): string {
  const { sealed, patient, chainId, recordRegistry, block, unproven, records } = index;
  const age = sealed ? ".age" : "";
  const lost = records.filter(({ missing }) => missing !== undefined).length;
  const lines = [
    "A medical chart, exported from CareKey",
    "",
    `Patient        ${patient}`,
    `Chain          ${chainId}, records at ${recordRegistry}`,
    `As of          ${new Date(block.time * 1000).toISOString()}, block ${block.number}`,
    `               ${block.hash}`,
    `Records        ${records.length}${lost > 0 ? `, ${lost} of them not in here: export.json says why` : ""}`,
    "",
    "SHA256SUMS     hash of every file; `sha256sum -c SHA256SUMS` finds damage",
    "export.json    the records: id, author, time, status",
    `bundle.json${age.padEnd(4)}the whole chart as a FHIR R4 Bundle; attachments are files in records/`,
    "records/       a folder for each record, named by its id:",
    `                 files/      its files${sealed ? ", numbered; record.json.age has their names" : ""}`,
    `                 record.json${age}  description, parts, stamps`,
    `                 body.cbor${age}    the bytes that were stamped; their hash leads to the record's id`,
    "proofs/        what the chain says of records and of those who stamped them,",
    unproven === undefined
      ? "               with proofs that lead to the hash of the block above; the chart has no other records"
      : `               on the word of a node: there are no proofs (${unproven})`,
    "",
    ...(sealed
      ? [
          "What ends in .age is sealed to the patient's key. Stock age 1.3 or newer opens it:",
          "",
          "    age -d -i identity.txt -o bundle.json bundle.json.age",
          "",
        ]
      : ["Nothing in here is encrypted: keep it where nobody else can read it.", ""]),
    "`carekey verify FOLDER` checks all of it without a network. What it proves rests on the block's",
    "hash above: compare that with a node or an explorer that you trust.",
    "The layout is described in docs/format.md of CareKey, section 19.",
  ];
  return `${lines.join("\n")}\n`;
}
