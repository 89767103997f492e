// A local model behind the part of OpenAI's HTTP interface that pinlanding uses. Pictures are left out: the model reads text.
// node server.mjs <weights.gguf> <port> [threads]
import { createServer } from "node:http";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

const CONTEXT_TOKENS = 4096;
const ANSWER_TOKENS = 300;
// So small a model writes lists and sentences without end.
const LIST_ITEMS = 4;
const TEXT_CHARACTERS = 60;

const [weights, port, threads = 1] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: "never" });
const model = await llama.loadModel({ modelPath: weights });
const context = await model.createContext({ contextSize: CONTEXT_TOKENS, threads: Number(threads) });
const sequence = context.getSequence();
let turn = Promise.resolve();

function textOf(content) {
  return typeof content === "string" ? content : content.filter((part) => part.type === "text").map((part) => part.text).join("\n");
}

function bounded(schema) {
  if (Array.isArray(schema)) return schema.map(bounded);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, bounded(part)]));
  if (inner.type === "array") return { ...inner, maxItems: LIST_ITEMS };
  if (inner.type === "string" && !inner.enum) return { ...inner, maxLength: TEXT_CHARACTERS };
  return inner;
}

async function complete({ messages, response_format: format }) {
  const grammar = await llama.createGrammarForJsonSchema(bounded(format.json_schema.schema));
  await sequence.clearHistory();
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => textOf(content)).join("\n");
  const asked = messages.filter(({ role }) => role !== "system").map(({ content }) => textOf(content)).join("\n");
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system });
  const before = sequence.tokenMeter.getState();
  const answer = await session.promptWithMeta(asked, { grammar, maxTokens: ANSWER_TOKENS });
  const used = sequence.tokenMeter.diff(before);
  session.dispose({ disposeSequence: false });
  return {
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: answer.responseText },
        finish_reason: answer.stopReason === "maxTokens" ? "length" : "stop",
      },
    ],
    usage: {
      prompt_tokens: used.usedInputTokens,
      completion_tokens: used.usedOutputTokens,
      total_tokens: used.usedInputTokens + used.usedOutputTokens,
    },
  };
}

createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    // One sequence: questions take turns.
    turn = turn.then(async () => {
      const reply = (status, content) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
      try {
        reply(200, await complete(JSON.parse(body)));
      } catch (error) {
        console.error(error);
        reply(400, { error: { message: String(error) } });
      }
    });
  });
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
