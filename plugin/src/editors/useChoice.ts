/** Makes Grafana's menus report each choice once. Seen on 12.3, where Explore would otherwise render in a loop. */
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/**
 * Grafana's menus compare options by identity. With new objects at each render, they would report their last choice as a
 * new one, in an endless loop.
 */
export function useStable<T>(value: T): T {
  const [held, setHeld] = useState(() => value);
  if (held === value || isSame(held, value)) {
    return held;
  }
  setHeld(() => value);
  return value;
}

/**
 * When their options do change, the menus also report an old choice to the handler of an earlier render. So the handler
 * that they get calls the current one, and ignores a value that is already chosen.
 */
export function useRealChange<T>(
  value: T,
  onChange: (value: NonNullable<T>) => void,
): (value: NonNullable<T>) => void {
  const latest = useRef({ value, onChange });
  useLayoutEffect(() => {
    latest.current = { value, onChange };
  });
  return useCallback((chosen) => {
    if (!isSame(latest.current.value, chosen)) {
      latest.current.onChange(chosen);
    }
  }, []);
}

/** Functions are only compared by identity. */
function isSame(one: unknown, other: unknown): boolean {
  return (
    typeof one !== 'function' && typeof other !== 'function' && JSON.stringify(one) === JSON.stringify(other)
  );
}
