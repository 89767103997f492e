"use strict";
(() => {
  const name = document.body.dataset.name;
  const auditor = document.getElementById("auditor");
  const questions = [...document.querySelectorAll("fieldset")];
  const key = question => `${question.dataset.item} ${question.dataset.question}`;
  const answerOf = question => question.querySelector("input:checked")?.value;

  // Without storage (a browser may forbid it to files) answers live as long as the page.
  const stored = () => { try { return JSON.parse(localStorage.getItem(name)) ?? {}; } catch { return {}; } };
  const store = state => { try { localStorage.setItem(name, JSON.stringify(state)); } catch { /* see above */ } };

  const state = { auditor: "", answers: {}, ...stored() };
  // Until a page knew several people, it stored the answers of one.
  if (Object.values(state.answers).some(answer => typeof answer === "string")) state.answers = { [state.auditor]: state.answers };
  let person = state.auditor;

  const remember = () => {
    // Of other samples too: a build may replace the sample while it is being judged.
    const answers = state.answers[person] ??= {};
    let answered = 0;
    for (const question of questions) {
      const answer = answerOf(question);
      if (answer) { answers[key(question)] = answer; answered += 1; }
      question.classList.toggle("answered", Boolean(answer));
    }
    state.auditor = person;
    store(state);
    document.getElementById("progress").textContent = `${answered} of ${questions.length} answered`;
  };

  const show = () => {
    const answers = state.answers[person] ?? {};
    for (const question of questions) {
      for (const input of question.querySelectorAll("input")) input.checked = input.value === answers[key(question)];
    }
  };

  // Two people who judge in one browser have answers of their own; what was answered before a name was given is the first one's.
  const changePerson = () => {
    const next = auditor.value.trim();
    if (next === person) return;
    const kept = !person || (!state.answers[next] && confirm(`Were the answers so far given by ${next}? Cancel starts anew.`));
    if (kept) {
      state.answers[next] = { ...state.answers[next], ...state.answers[person] };
      delete state.answers[person];
    }
    person = next;
    show();
    remember();
  };

  // A spreadsheet would run a cell that begins like a formula.
  const cell = text => `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;

  const csv = () => {
    const rows = [["item_id", "question", "answer", "auditor", "title", "product_id"]];
    for (const question of questions) {
      const answer = answerOf(question);
      const { item, question: asked, title, product } = question.dataset;
      if (answer) for (const id of item.split(" ")) rows.push([id, asked, answer, auditor.value.trim(), title, product]);
    }
    return rows.map((row, number) => (number ? row.map(cell) : row).join(",")).join("\n") + "\n";
  };

  const save = () => {
    changePerson();
    if (!auditor.value.trim()) { auditor.focus(); auditor.reportValidity(); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = `${name}-${auditor.value.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  auditor.value = person;
  show();
  remember();
  document.addEventListener("change", () => { remember(); changePerson(); });
  document.getElementById("save").addEventListener("click", save);
})();
