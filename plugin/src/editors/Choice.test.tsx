import { render, renderHook, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { choose } from '../test/editors';
import { MultiChoice } from './Choice';
import { useRealChange, useStable } from './useChoice';

describe('a menu', () => {
  it('keeps its options through every render that does not change them', () => {
    const first = [{ value: 'a' }];
    const { result, rerender } = renderHook(({ options }) => useStable(options), {
      initialProps: { options: first },
    });
    rerender({ options: [{ value: 'a' }] });
    expect(result.current).toBe(first);
    const other = [{ value: 'b' }];
    rerender({ options: other });
    expect(result.current).toBe(other);
  });

  it('keeps a function until there is another', () => {
    const load = () => 1;
    const { result, rerender } = renderHook(({ options }) => useStable(options), {
      initialProps: { options: load },
    });
    rerender({ options: load });
    expect(result.current).toBe(load);
    const other = () => 2;
    rerender({ options: other });
    expect(result.current).toBe(other);
  });

  it('that tells of an old choice again, through the handler of that time, changes nothing', () => {
    const then = jest.fn();
    const now = jest.fn();
    const { result, rerender } = renderHook(({ value, onChange }) => useRealChange(value, onChange), {
      initialProps: { value: 'a', onChange: then },
    });
    const handlerOfThatTime = result.current;
    handlerOfThatTime('b');
    rerender({ value: 'b', onChange: now });
    handlerOfThatTime('b');
    expect(then.mock.calls).toEqual([['b']]);
    expect(now).not.toHaveBeenCalled();
    handlerOfThatTime('c');
    expect(now.mock.calls).toEqual([['c']]);
  });
});

describe('a choice of several', () => {
  const options = ['a', 'b', 'c'].map((value) => ({ value, label: value.toUpperCase() }));
  const onChange = jest.fn();

  beforeEach(() => {
    onChange.mockClear();
    render(
      <MultiChoice name="many" options={options} value={[{ value: 'c', label: 'C' }]} onChange={onChange} />,
    );
  });

  it('is told by its values, in their order', async () => {
    await choose(screen.getByTestId('many'), 'A');
    expect(onChange).toHaveBeenLastCalledWith(['c', 'a']);
  });

  it('can be taken back', async () => {
    await userEvent.click(screen.getByRole('button', { name: /remove/i }));
    expect(onChange).toHaveBeenLastCalledWith([]);
  });
});
