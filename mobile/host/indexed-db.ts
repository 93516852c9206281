/** One table of an IndexedDB database. Values are structured clones, so a `CryptoKey` can be stored as it is. */
export interface Table<Value> {
  get(key: string): Promise<Value | undefined>;
  all(): Promise<Value[]>;
  put(key: string, value: Value): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes every row whose key begins so. */
  removeAll(prefix: string): Promise<void>;
}

const DATABASE = 'signalbox';
/** Grows whenever a table is added below. */
const VERSION = 2;
const TABLES = ['keys', 'hosts', 'cache', 'outbox', 'notes'] as const;
export type TableName = (typeof TABLES)[number];

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB: the request failed.'));
    };
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      reject(transaction.error ?? new Error('IndexedDB: the transaction was aborted.'));
    };
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = fail;
    transaction.onerror = fail;
  });
}

async function open(factory: IDBFactory, closed: () => void): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    const { result } = request;
    for (const name of TABLES) if (!result.objectStoreNames.contains(name)) result.createObjectStore(name);
  };
  const database = await settled(request);
  // A newer version of the app in another tab may add tables: this one makes room, and opens them again when it must.
  database.onversionchange = () => {
    database.close();
    closed();
  };
  return database;
}

/**
 * A table of the app's database. The database is opened at the first use. `fromStored` checks what comes out, since an
 * older version of the app may have written it.
 */
export function createTable<Value>(
  factory: IDBFactory,
  name: TableName,
  fromStored: (stored: unknown) => Value | undefined,
): Table<Value> {
  let opened: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => (opened ??= open(factory, () => (opened = undefined)));

  async function write(act: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = (await database()).transaction(name, 'readwrite', { durability: 'strict' });
    act(transaction.objectStore(name));
    await committed(transaction);
  }

  return {
    async get(key) {
      const store = (await database()).transaction(name).objectStore(name);
      return fromStored(await settled<unknown>(store.get(key)));
    },
    async all() {
      const store = (await database()).transaction(name).objectStore(name);
      const stored = await settled<unknown[]>(store.getAll());
      return stored.map(fromStored).filter((value) => value !== undefined);
    },
    put: (key, value) =>
      write((store) => {
        store.put(value, key);
      }),
    remove: (key) =>
      write((store) => {
        store.delete(key);
      }),
    removeAll: (prefix) =>
      write((store) => {
        store.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
      }),
  };
}
