/** A number that Python holds as a float and therefore writes with a decimal point: `475535.0`. */
export class PythonFloat {
  constructor(readonly value: number) {}

  toJSON(): number {
    return this.value;
  }
}

/** What Python's `json.dumps` writes with its defaults: `", "` and `": "`, everything beyond ASCII as `\uXXXX`. */
export function pythonJson(value: unknown): string {
  if (value instanceof PythonFloat) return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
  if (Array.isArray(value)) return `[${value.map((entry) => pythonJson(entry)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{${members(value).join(', ')}}`;
  return ascii(JSON.stringify(value ?? null));
}

function members(value: object): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${ascii(JSON.stringify(key))}: ${pythonJson(member)}`);
}

function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
