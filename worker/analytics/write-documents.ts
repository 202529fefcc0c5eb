import {
  BSON,
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  type OptionalUnlessRequiredId,
} from 'mongodb';

const DUPLICATE_KEY = 11_000;

/**
 * Upserts documents by `_id`, in any order, in one command.
 * @returns the reason for each document that can never be stored, by `_id`: the others are in.
 * @throws whatever says that the server, not a document, is at fault.
 */
export async function writeDocuments<T extends Document & { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<Map<string, string>> {
  if (documents.length === 0) return new Map();
  try {
    await collection.bulkWrite(
      documents.map((document) => {
        const { _id, ...replacement } = document;
        return {
          replaceOne: {
            filter: { _id } as Parameters<Collection<T>['findOne']>[0] & object,
            replacement: replacement as unknown as OptionalUnlessRequiredId<T>,
            upsert: true,
          },
        };
      }),
      { ordered: false },
    );
    return new Map();
  } catch (error) {
    if (error instanceof MongoBulkWriteError) return refusedOf(error, documents);
    if (!isDocumentsFault(error)) throw error;
    return await bisect(collection, documents, error);
  }
}

/** The driver refuses a whole batch for one bad document without naming it: halve until it is alone. */
async function bisect<T extends Document & { readonly _id: string }>(
  collection: Collection<T>,
  documents: readonly T[],
  error: Error,
): Promise<Map<string, string>> {
  const [only] = documents;
  if (documents.length === 1 && only) return new Map([[only._id, error.message]]);
  const middle = Math.ceil(documents.length / 2);
  const first = await writeDocuments(collection, documents.slice(0, middle));
  const second = await writeDocuments(collection, documents.slice(middle));
  return new Map([...first, ...second]);
}

function refusedOf(error: MongoBulkWriteError, documents: readonly { readonly _id: string }[]): Map<string, string> {
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || error.result.getWriteConcernError() !== undefined) throw error;
  const refused = new Map<string, string>();
  for (const failure of failures) {
    const id = documents[failure.index]?._id;
    // Two workers that upsert the same event at once: one inserted it, which is what both wanted.
    if (failure.code !== DUPLICATE_KEY && id !== undefined) refused.set(id, failure.errmsg ?? 'refused by MongoDB');
  }
  return refused;
}

/** Too large, not expressible as BSON: a retry cannot help. Anything else may pass once the server is well again. */
function isDocumentsFault(error: unknown): error is Error {
  return (
    error instanceof BSON.BSONError ||
    error instanceof MongoInvalidArgumentError ||
    error instanceof RangeError ||
    error instanceof TypeError
  );
}
