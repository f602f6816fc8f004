import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { json } from "node:stream/consumers";

/** A question to a node. */
export interface Question {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node makes of the true answer. */
export type Lie = (question: Question, answer: unknown) => unknown;

interface Message extends Question {
  readonly id: unknown;
}

/** A node on loopback that passes every question on, and answers what `lie` makes of the answer. */
export async function lyingNode(rpc: string, lie: Lie): Promise<{ url: string; close(): Promise<void> }> {
  const ask = async (body: unknown): Promise<unknown> => {
    const response = await fetch(rpc, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const told = (question: Message, answer: unknown): unknown => {
    const { result, ...rest } = answer as { result?: unknown };
    return result === undefined ? answer : { ...rest, result: lie(question, result) };
  };
  const server: Server = createServer((request, response) => {
    const answered = async (): Promise<void> => {
      const asked = (await json(request)) as Message | Message[];
      const answers = await ask(asked);
      const lied = Array.isArray(asked)
        ? (answers as { id: unknown }[]).map((answer) => {
            const question = asked.find(({ id }) => id === answer.id);
            return question ? told(question, answer) : answer;
          })
        : told(asked, answers);
      response.setHeader("content-type", "application/json").end(JSON.stringify(lied));
    };
    answered().catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server.close(), "close");
      server.closeAllConnections();
      await closed;
    },
  };
}
