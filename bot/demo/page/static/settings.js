// What the page keeps for next time, and the colours.

export function recall(name, store = localStorage) {
  try {
    return store.getItem(`workflow-bot-${name}`);
  } catch {
    return null; // storage may be switched off
  }
}

export function remember(name, value, store = localStorage) {
  try {
    store.setItem(`workflow-bot-${name}`, value);
  } catch {
    // then it is forgotten
  }
}

const THEMES = { system: ["◐", "as the system"], light: ["☀", "light"], dark: ["☾", "dark"] };

export function themes(button) {
  const names = Object.keys(THEMES);
  const show = (name) => {
    const [sign, words] = THEMES[name];
    document.documentElement.dataset.theme = name;
    button.textContent = sign;
    button.setAttribute("aria-label", `Colours: ${words}`);
    button.title = `Colours: ${words}`;
  };
  const kept = recall("theme");
  let now = names.includes(kept) ? kept : "system";
  show(now);
  button.addEventListener("click", () => {
    now = names[(names.indexOf(now) + 1) % names.length];
    remember("theme", now);
    show(now);
  });
}
