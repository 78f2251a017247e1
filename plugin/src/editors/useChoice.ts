/** What Grafana's menus need to tell of a choice once: seen on 12.3, where without it Explore renders without end. */
import { useCallback, useLayoutEffect, useRef, useState } from 'react';

/**
 * Grafana's menus compare options by identity. With new objects at each render they take their last choice for a new
 * one and tell of it again, which would never end.
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
 * They also tell of an old choice through the handler of that time, whenever their options change after all. So the
 * handler is always the current one, and what is chosen already is no change.
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

/** Of functions nothing is known but their identity. */
function isSame(one: unknown, other: unknown): boolean {
  return (
    typeof one !== 'function' && typeof other !== 'function' && JSON.stringify(one) === JSON.stringify(other)
  );
}
