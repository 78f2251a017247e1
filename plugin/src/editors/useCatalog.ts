import { useCallback, useEffect, useState } from 'react';
import type { AnalyticsClient } from '../api/client';
import { messageOf } from '../api/errors';
import type { Catalog } from '../api/types';

interface CatalogState {
  catalog?: Catalog;
  loading: boolean;
  error?: string;
  retry: () => void;
}

export function useCatalog(client: AnalyticsClient): CatalogState {
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<Omit<CatalogState, 'retry'>>(() => ({
    catalog: client.knownCatalog(),
    loading: true,
  }));
  useEffect(() => {
    const subscription = client.catalog().subscribe({
      next: (catalog) => setState({ catalog, loading: false }),
      error: (error) => setState(({ catalog }) => ({ catalog, loading: false, error: messageOf(error) })),
    });
    return () => subscription.unsubscribe();
  }, [client, attempt]);
  const retry = useCallback(() => setAttempt((made) => made + 1), []);
  return { ...state, retry };
}
