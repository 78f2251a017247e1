import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense, type ComponentType } from 'react';

/** An editor that is loaded when it is first shown: a dashboard that only draws panels never needs it. */
export function lazyEditor<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const Editor = lazy(async () => ({ default: await load() }));
  return function LazyEditor(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
        <Editor {...props} />
      </Suspense>
    );
  };
}
