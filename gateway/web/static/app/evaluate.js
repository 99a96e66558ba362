// Conditions and computed values, as surveys/expressions/portable.py writes them: nested lists, the operation first.
// Total: any answers give true, false, a number, a word, or null for nothing. tests/surveys/language.py holds it.

const MOST = 10 ** 15;

const number = (value) => (typeof value === "number" && value >= -MOST && value <= MOST ? value : null);
const bounded = (value) => (value === null ? null : number(value));
const several = (value) => (Array.isArray(value) ? value : null);

const COMPARE = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

const ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0 ? null : a / b),
};

function rounded(value) {
  const down = Math.floor(value);
  return value - down >= 0.5 ? down + 1 : down;
}

const CALLS = {
  sum: (values) => values.reduce((a, b) => a + b),
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  round: ([value]) => rounded(value),
};

function compared(sign, left, right) {
  if (typeof left === "string" && typeof right === "string") {
    return (sign === "==" || sign === "!=") && COMPARE[sign](left, right);
  }
  const [first, second] = [number(left), number(right)];
  return first !== null && second !== null && COMPARE[sign](first, second);
}

// Dates are compared as far as both are known.
function datesCompared(sign, left, right) {
  if (typeof left !== "string" || typeof right !== "string") return false;
  const known = Math.min(left.length, right.length);
  return COMPARE[sign](left.slice(0, known), right.slice(0, known));
}

const own = (answers, name) => (Object.hasOwn(answers, name) ? answers[name] : null) ?? null;

export function evaluate(data, answers) {
  if (!Array.isArray(data)) return data;
  const [operation, ...parts] = data;
  const value = (part) => evaluate(part, answers);
  const answer = ([, name]) => own(answers, name);
  if (operation in COMPARE) return compared(operation, value(parts[0]), value(parts[1]));
  if (operation in ARITHMETIC) {
    const [left, right] = [number(value(parts[0])), number(value(parts[1]))];
    return left === null || right === null ? null : bounded(ARITHMETIC[operation](left, right));
  }
  if (operation in CALLS) {
    const values = parts.map((part) => number(value(part))).filter((one) => one !== null);
    return values.length ? bounded(CALLS[operation](values)) : null;
  }
  switch (operation) {
    case "get": {
      const found = own(answers, parts[0]);
      return typeof found === "string" ? found : number(found);
    }
    case "in": {
      const found = value(parts[0]);
      return found !== null && parts.slice(1).includes(found);
    }
    case "date-in": {
      const found = value(parts[0]);
      return parts.slice(1).some((constant) => datesCompared("==", found, constant));
    }
    case "includes":
      return (several(answer(parts[0])) ?? []).includes(parts[1]);
    case "answered":
      return answer(parts[0]) !== null;
    case "not":
      return value(parts[0]) !== true;
    case "and":
      return parts.every((part) => value(part) === true);
    case "or":
      return parts.some((part) => value(part) === true);
    case "if":
      return value(parts[0]) === true ? value(parts[1]) : value(parts[2]);
    case "count":
      return several(answer(parts[0]))?.length ?? null;
    case "first":
      return several(answer(parts[0]))?.[0] ?? null;
  }
  if (operation.startsWith("date")) {
    return datesCompared(operation.slice("date".length), value(parts[0]), value(parts[1]));
  }
  throw new Error(`there is no operation ${operation}`);
}

// A condition; none at all holds always.
export const holds = (condition, answers) => condition === null || evaluate(condition, answers) === true;
