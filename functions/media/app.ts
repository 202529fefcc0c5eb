import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { acceptUser, requireUser } from '../_shared/guards.ts';
import { getMedia, getUsage, listMedia, sendToFile } from './reading.ts';
import { upload } from './upload.ts';
import { deleteMedia, finishUpload, startUpload } from './uploads.ts';

/** The `media` function: pictures and recordings of people, kept in Storage. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('media', deps);
  const signedIn = requireUser(deps);
  const anybody = acceptUser(deps);

  app.post('/upload', signedIn, (c) => upload(c, deps));
  app.post('/uploads', signedIn, (c) => startUpload(c, deps));
  app.get('/usage', signedIn, async (c) => c.json(await getUsage(c, deps)));
  app.get('/', anybody, async (c) => c.json(await listMedia(c, deps)));
  app.get('/:id', anybody, async (c) => c.json(await getMedia(c, deps)));
  app.get('/:id/:name', anybody, (c) => sendToFile(c, deps));
  app.post('/:id/finish', signedIn, (c) => finishUpload(c, deps));
  app.delete('/:id', signedIn, (c) => deleteMedia(c, deps));

  return app;
}
