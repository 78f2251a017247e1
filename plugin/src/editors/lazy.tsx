import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense, type ComponentType, type FunctionComponent } from 'react';

/** An editor that is loaded when it is first shown. Dashboards that only draw panels never need it. */
export function lazyEditor<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): FunctionComponent<Props> {
  const Editor = lazy(async () => ({ default: await load() }));
  return function LazyEditor(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
        <Editor {...props} />
      </Suspense>
    );
  };
}
