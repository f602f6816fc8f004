/** Where the text is that only people read: the message of an error, and the word for an argument in it. Tests assert codes and details. */
const messageAt = new Map([
  ["CareKeyError", 1],
  ["Error", 0],
  ["checkAddress", 1],
]);

/** Leaves those texts out of what `npm run test:mutation:chain` changes. */
export const strykerPlugins = [
  {
    kind: "Ignore",
    name: "error-messages",
    value: {
      shouldIgnore({ key, listKey, parent }) {
        const isMessage = listKey === "arguments" && messageAt.get(parent.callee?.name) === key;
        return isMessage ? "the words of an error are for people: tests assert its code and details" : undefined;
      },
    },
  },
];
