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

  const remember = () => {
    // Of other samples too: a build may replace the sample while it is being judged.
    const answers = stored().answers ?? {};
    let answered = 0;
    for (const question of questions) {
      const answer = answerOf(question);
      if (answer) { answers[key(question)] = answer; answered += 1; }
      question.classList.toggle("answered", Boolean(answer));
    }
    store({ auditor: auditor.value, answers });
    document.getElementById("progress").textContent = `${answered} of ${questions.length} answered`;
  };

  const restore = ({ auditor: who = "", answers = {} }) => {
    auditor.value = who;
    for (const question of questions) {
      const input = question.querySelector(`input[value="${answers[key(question)] ?? "none"}"]`);
      if (input) input.checked = true;
    }
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
    if (!auditor.value.trim()) { auditor.focus(); auditor.reportValidity(); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = `${name}-${auditor.value.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  restore(stored());
  remember();
  document.addEventListener("change", remember);
  document.getElementById("save").addEventListener("click", save);
})();
