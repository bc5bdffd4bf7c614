// What a thumb cannot hit: every control in sight, in elements like `within`, whose hit area is
// smaller than asked, or covered.
([smallest, within]) => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, label:has(input)";
  const inSight = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const isTickable = (element) => element.matches("input[type=radio], input[type=checkbox]");

  // WCAG 2.5.8 lets a link inside a sentence be as high as the sentence. A heading, a menu or a
  // paragraph that is nothing but the link is no sentence.
  const isInSentence = (element) => {
    const block = element.closest("p, li, small, nav, h1, h2, h3, .button");
    if (!element.matches("a") || !block || !block.matches("p, li, small")) return false;
    if (getComputedStyle(element).display !== "inline") return false;
    let words = block.textContent;
    for (const link of block.querySelectorAll("a")) words = words.replace(link.textContent, "");
    return words.trim().split(/\s+/).length >= 3;
  };

  // A tick or a radio button is hit through its labels too.
  const wrong = (control) => {
    const targets = isTickable(control) ? [...control.labels, control] : [control];
    const reasons = targets.map((target) => tooSmall(target, control));
    return reasons.includes("") ? "" : reasons[0];
  };
  const tooSmall = (target, control) => {
    target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = target.getBoundingClientRect();
    const size = `${box.width.toFixed(1)}x${box.height.toFixed(1)}`;
    if (box.width < smallest || box.height < smallest) return size;
    const [x, y, reach] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2, smallest / 2 - 1];
    for (const [right, down] of [[0, 0], [reach, 0], [-reach, 0], [0, reach], [0, -reach]]) {
      const hit = document.elementFromPoint(x + right, y + down);
      if (!hit || !(target.contains(hit) || control.contains(hit))) {
        return `${size}, but ${right},${down} off its middle ${hit ? hit.outerHTML.slice(0, 60) : "nothing"} is hit`;
      }
    }
    return "";
  };

  const label = (element) =>
    `${element.localName} “${(element.ariaLabel || element.textContent.trim() || element.name || "").replace(/\s+/g, " ").slice(0, 40)}”`;
  const scrollers = [...document.querySelectorAll("*")].filter((element) => element.scrollWidth > element.clientWidth);
  const before = scrollers.map((element) => [element, element.scrollLeft]);
  const found = [...document.querySelectorAll(CONTROLS)]
    .filter((element) => element.closest(within) && inSight(element) && !isInSentence(element))
    .map((element) => [element, wrong(element)])
    .filter(([, reason]) => reason)
    .map(([element, reason]) => `${label(element)}: ${reason}`);
  for (const [element, left] of before) element.scrollLeft = left;
  return found;
}
