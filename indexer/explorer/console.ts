// A page to ask by hand: a query, its answer, and the names that can be asked for.

export const consoleText = `
<h1>Ask by GraphQL</h1>
<p class="soft">POST the same to <code>/graphql</code> as JSON: <code>{"query": "…"}</code>. Ten questions with their answers are in docs/queries.md. Ctrl-Enter asks.</p>
<textarea id="query" spellcheck="false">{
  labels { items { topicId name value sigma epoch aboutAt } }
  leaderboards(where: { topicId: 1 }) { items { worker role epochs meanWeight meanLoss } }
}</textarea>
<button id="ask">Ask</button>
<pre id="answer">The answer comes here.</pre>
<script>
const query = document.getElementById("query")
async function ask() {
  const body = JSON.stringify({ query: query.value })
  const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body })
  document.getElementById("answer").textContent = JSON.stringify(await response.json(), null, 2)
}
document.getElementById("ask").addEventListener("click", ask)
query.addEventListener("keydown", (event) => { if (event.ctrlKey && event.key === "Enter") ask() })
ask()
</script>`
