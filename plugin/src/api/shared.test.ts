import { firstValueFrom, Subject } from 'rxjs';
import { Shared } from './shared';

let clock: jest.SpyInstance<number>;
const asked: string[] = [];
let answers: Subject<string>;
let shared: Shared<string>;

beforeEach(() => {
  clock = jest.spyOn(Date, 'now').mockReturnValue(0);
  asked.length = 0;
  answers = new Subject();
  shared = new Shared(100, (key) => {
    asked.push(key);
    return answers;
  });
});
afterEach(() => clock.mockRestore());

function answer(value: string): void {
  answers.next(value);
  answers.complete();
  answers = new Subject();
}

describe('a shared request', () => {
  it('is sent once for simultaneous callers', async () => {
    const both = Promise.all([firstValueFrom(shared.get('a')), firstValueFrom(shared.get('a'))]);
    answer('A');
    expect(await both).toEqual(['A', 'A']);
    expect(asked).toEqual(['a']);
  });

  it('is identified by its key', () => {
    shared.get('a').subscribe();
    shared.get('b').subscribe();
    expect(asked).toEqual(['a', 'b']);
  });

  it('is cached for a while, and known afterwards', async () => {
    shared.get('a').subscribe();
    answer('A');
    clock.mockReturnValue(99);
    expect(await firstValueFrom(shared.get('a'))).toBe('A');
    clock.mockReturnValue(100);
    shared.get('a').subscribe();
    expect(asked).toEqual(['a', 'a']);
    expect(shared.known('a')).toBe('A');
  });

  it('is removed when it has expired and another is cached', () => {
    shared.get('a').subscribe();
    answer('A');
    clock.mockReturnValue(200);
    shared.get('b').subscribe();
    answer('B');
    expect([shared.known('a'), shared.known('b')]).toEqual([undefined, 'B']);
  });
});
