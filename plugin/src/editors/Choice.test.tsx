import { render, renderHook, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { choose } from '../test/editors';
import { MultiChoice } from './Choice';
import { useRealChange, useStable } from './useChoice';

describe('a menu', () => {
  it('keeps the identity of its options until they change', () => {
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

  it('keeps a function until it changes', () => {
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

  it('changes nothing when it reports an old choice to an old handler', () => {
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

describe('a choice of several values', () => {
  const options = ['a', 'b', 'c'].map((value) => ({ value, label: value.toUpperCase() }));
  const onChange = jest.fn();

  beforeEach(() => {
    onChange.mockClear();
    render(
      <MultiChoice name="many" options={options} value={[{ value: 'c', label: 'C' }]} onChange={onChange} />,
    );
  });

  it('is reported as values, in their order', async () => {
    await choose(screen.getByTestId('many'), 'A');
    expect(onChange).toHaveBeenLastCalledWith(['c', 'a']);
  });

  it('can be removed', async () => {
    await userEvent.click(screen.getByRole('button', { name: /remove/i }));
    expect(onChange).toHaveBeenLastCalledWith([]);
  });
});
