/**
 * What is kept of content: of previews, step contents, error messages and tags. It is applied to everything that comes
 * in, before anything is stored.
 */
import { CAPTURES, type Capture } from '../config.js';
import { MAX_MESSAGE } from '../facts/execution/columns.js';
import { storableText } from '../facts/text.js';
import { isObject, type JsonObject } from '../json.js';
import { Pauses } from '../pause.js';
import { Redaction } from '../redaction.js';
import { RedactionThread } from './redaction-thread.js';

/** Replaces what the patterns match in a text. */
type Replace = (text: string) => string;

export class Content {
  /**
   * @param capture how much is kept
   * @param patterns regular expressions whose matches are replaced
   */
  constructor(
    readonly capture: Capture = 'full',
    readonly patterns: readonly string[] = [],
    private readonly redaction = new Redaction(patterns),
    private readonly thread = new RedactionThread(patterns),
  ) {}

  /** The same, but keeping no more than a sender allows. */
  upTo(allowed: Capture | undefined): Content {
    return allowed === undefined || CAPTURES.indexOf(allowed) >= CAPTURES.indexOf(this.capture)
      ? this
      : new Content(allowed, this.patterns, this.redaction, this.thread);
  }

  /** A text that is kept whatever is captured, such as a tag. */
  text(text: string): string {
    return this.redaction.replace(text);
  }

  /** The query of an execution. */
  preview(text: string, replace: Replace = (found) => this.text(found)): string | undefined {
    return this.capture === 'none' ? undefined : replace(text);
  }

  /** The content of a step. */
  step(text: string, replace: Replace = (found) => this.text(found)): string | undefined {
    return this.capture === 'full' ? replace(text) : undefined;
  }

  message(text: string, replace: Replace = (found) => this.text(found)): string | undefined {
    if (this.capture === 'none') return undefined;
    const kept = replace(text);
    return kept === text ? text : storableText(kept, MAX_MESSAGE);
  }

  /** Executions in their wire form, before they are checked: what is wrong with them stays. */
  executions(raw: readonly unknown[]): Promise<readonly unknown[]> {
    return this.each(raw, (item, replace) => this.execution(item, replace));
  }

  /** Steps in their wire form. */
  steps(raw: readonly unknown[]): Promise<readonly unknown[]> {
    return this.each(raw, (item, replace) => [this.stepOf(item, replace)]);
  }

  /** Ends the thread that redacts. */
  close(): Promise<void> {
    return this.thread.close();
  }

  private get keepsAll(): boolean {
    return this.capture === 'full' && this.redaction.isEmpty;
  }

  /**
   * The texts are collected, replaced in the thread, and put in their places.
   * @param convert yields the parts of an item, and at last the item
   */
  private async each(
    raw: readonly unknown[],
    convert: (item: unknown, replace: Replace) => Iterable<unknown>,
  ): Promise<readonly unknown[]> {
    if (this.keepsAll) return raw;
    if (this.redaction.isEmpty) return converted(raw, (item) => convert(item, (text) => text));
    const found: string[] = [];
    await converted(raw, (item) => convert(item, (text) => found[found.push(text) - 1]!));
    const replaced = (await this.thread.replace(found)).values();
    return converted(raw, (item) => convert(item, () => replaced.next().value!));
  }

  private *execution(raw: unknown, replace: Replace): Iterable<unknown> {
    if (!isObject(raw)) return yield raw;
    const kept: JsonObject = { ...raw };
    change(kept, 'query_preview', (text) => this.preview(text, replace));
    // A message that is too long is refused, as it is.
    change(kept, 'error_message', (text) => (text.length > MAX_MESSAGE ? text : this.message(text, replace)));
    change(kept, 'error_type', replace);
    const { tags, steps } = raw;
    if (Array.isArray(tags)) {
      kept.tags = tags.map((tag: unknown) => (typeof tag === 'string' ? replace(tag) : tag));
    }
    if (Array.isArray(steps)) {
      const keptSteps: unknown[] = [];
      for (const step of steps as unknown[]) {
        keptSteps.push(this.stepOf(step, replace));
        yield undefined;
      }
      kept.steps = keptSteps;
    }
    yield kept;
  }

  private stepOf(raw: unknown, replace: Replace): unknown {
    if (!isObject(raw)) return raw;
    const kept: JsonObject = { ...raw };
    change(kept, 'content', (text) => this.step(text, replace));
    return kept;
  }
}

/** The last part of each item. Pauses for other work. */
async function converted(
  raw: readonly unknown[],
  convert: (item: unknown) => Iterable<unknown>,
): Promise<unknown[]> {
  const kept: unknown[] = [];
  const pauses = new Pauses();
  for (const item of raw) {
    let last: unknown;
    for (const part of convert(item)) {
      last = part;
      if (pauses.isDue) await pauses.take();
    }
    kept.push(last);
  }
  return kept;
}

/** Changes a member that is a text; what is not kept becomes null. */
function change(object: JsonObject, member: string, keep: (text: string) => string | undefined): void {
  const text = object[member];
  if (typeof text === 'string') object[member] = keep(text) ?? null;
}
