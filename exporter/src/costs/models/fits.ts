/** Whether a name that the price book took for a model is that model's, and not that of somebody's deployment. */
import type { MatchLogic } from '@pydantic/genai-prices';

/** What may stand around the name of a model: dates, revisions, regions, vendors, and words for a release of it. */
const AROUND =
  /^(?:v?\d+|latest|preview|exp|experimental|beta|default|nightly|stable|thinking|instruct|chat|text|it|us|gov|eu|apac|jp|au|ca|in|sa|me|af|global|anthropic|amazon|meta|mistral|cohere|deepseek|openai|qwen|google|nvidia|writer|bedrock|models)$/;

const isAround = (rest: string): boolean =>
  rest.split(/[^a-z0-9]+/).every((word) => word === '' || AROUND.test(word));

/** The book matches generously: `contains: "o4-mini"` also fits a deployment `team-o4-mini-eval`, which may be anything. */
export function fitsName(match: MatchLogic, name: string): boolean {
  if ('or' in match) return match.or.some((each) => fitsName(each, name));
  if ('and' in match) return match.and.every((each) => fitsName(each, name));
  if ('regex' in match) return new RegExp(match.regex).test(name);
  if ('equals' in match) return name === match.equals.toLowerCase();
  // Names of fine-tuned models end in what their owner calls them.
  if (name.startsWith('ft:') || name.includes('.ft-')) return true;
  const literal = literalOf(match).toLowerCase();
  const at = name.indexOf(literal);
  return at >= 0 && isAround(name.slice(0, at)) && isAround(name.slice(at + literal.length));
}

const literalOf = (
  match: Exclude<MatchLogic, { or: unknown } | { and: unknown } | { regex: string } | { equals: string }>,
): string =>
  'starts_with' in match ? match.starts_with : 'ends_with' in match ? match.ends_with : match.contains;
