import { parseLimit } from './limit';

it.each([
  ['', undefined],
  ['0', undefined],
  ['-3', undefined],
  ['many', undefined],
  ['7.9', 7],
  ['10', 10],
  ['99999', 10_000],
])('the text %j is the limit %j', (text, limit) => {
  expect(parseLimit(text, 10_000)).toBe(limit);
});
