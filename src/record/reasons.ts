/** Usual codes of why a record is amended or retracted. They are public for ever: nothing personal belongs in one. */
export const correctionReasons = [
  "wrong patient",
  "wrong content",
  "duplicate",
  "completed",
  "updated",
  "other",
] as const;
