import { serveApp } from '../_shared/serve.ts';
import { createApp } from './app.ts';

export default serveApp(createApp);
