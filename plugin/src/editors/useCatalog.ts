import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../api/errors';
import type { Catalog } from '../api/types';
import type { AnalyticsDataSource } from '../datasource';

export interface CatalogState {
  catalog?: Catalog;
  loading: boolean;
  error?: string;
  retry: () => void;
}

/** The catalog that an editor is built on. */
export function useCatalog(datasource: AnalyticsDataSource): CatalogState {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<Omit<CatalogState, 'retry'>>(() => ({
    catalog: datasource.client.knownCatalog(),
    loading: true,
  }));
  useEffect(() => {
    const subscription = datasource.client.catalog().subscribe({
      next: (catalog) => setState({ catalog, loading: false }),
      error: (error) => setState(({ catalog }) => ({ catalog, loading: false, error: messageOf(error) })),
    });
    return () => subscription.unsubscribe();
  }, [datasource, attempt]);
  const retry = useCallback(() => setAttempt((made) => made + 1), []);
  return { ...state, retry };
}
