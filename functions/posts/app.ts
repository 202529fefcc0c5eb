import { createDomainApp, type DomainApp } from '../_shared/app.ts';
import type { Deps } from '../_shared/deps.ts';
import { acceptUser, requireUser } from '../_shared/guards.ts';
import {
  addComment,
  deleteComment,
  editComment,
  getComment,
  likeComment,
  listComments,
  listReplies,
} from './comments.ts';
import { getFeed, getTrending } from './feed.ts';
import { listBookmarks, listByAuthor, listByLocation, listByTag, listDrafts } from './lists.ts';
import { vote } from './polls.ts';
import { createPost, deletePost, getHistory, getPost, sharePost, updatePost } from './posts.ts';
import { bookmark, like, listLikes } from './reactions.ts';
import { report } from './reports.ts';

/** The `posts` function: the home feed, posts, and what people do with them. */
export function createApp(deps: Deps): DomainApp {
  const app = createDomainApp('posts', deps);
  const signedIn = requireUser(deps);
  const anybody = acceptUser(deps);

  app.get('/', signedIn, async (c) => c.json(await getFeed(c, deps)));
  app.post('/', signedIn, (c) => createPost(c, deps));

  app.get('/bookmarks', signedIn, async (c) => c.json(await listBookmarks(c, deps)));
  app.get('/drafts', signedIn, async (c) => c.json(await listDrafts(c, deps)));
  app.get('/trending', anybody, async (c) => c.json(await getTrending(c, deps)));
  app.get('/tags/:tag', anybody, async (c) => c.json(await listByTag(c, deps)));
  app.get('/author/:id', anybody, async (c) => c.json(await listByAuthor(c, deps)));
  app.get('/location/:name', anybody, async (c) => c.json(await listByLocation(c, deps)));

  app.get('/comments/:id', anybody, async (c) => c.json(await getComment(c, deps)));
  app.put('/comments/:id', signedIn, (c) => editComment(c, deps));
  app.delete('/comments/:id', signedIn, (c) => deleteComment(c, deps));
  app.post('/comments/:id/like', signedIn, (c) => likeComment(c, deps, 'like_comment'));
  app.delete('/comments/:id/like', signedIn, (c) => likeComment(c, deps, 'unlike_comment'));
  app.get('/comments/:id/replies', anybody, async (c) => c.json(await listReplies(c, deps)));
  app.post('/comments/:id/report', signedIn, (c) => report(c, deps, 'comment_id'));

  app.get('/:id', anybody, async (c) => c.json(await getPost(c, deps)));
  app.put('/:id', signedIn, (c) => updatePost(c, deps));
  app.delete('/:id', signedIn, (c) => deletePost(c, deps));
  app.post('/:id/like', signedIn, (c) => like(c, deps, 'like_post'));
  app.delete('/:id/like', signedIn, (c) => like(c, deps, 'unlike_post'));
  app.get('/:id/likes', signedIn, async (c) => c.json(await listLikes(c, deps)));
  app.post('/:id/comment', signedIn, (c) => addComment(c, deps));
  app.get('/:id/comments', anybody, async (c) => c.json(await listComments(c, deps)));
  app.post('/:id/share', signedIn, (c) => sharePost(c, deps));
  app.post('/:id/bookmark', signedIn, (c) => bookmark(c, deps, 'bookmark_post'));
  app.delete('/:id/bookmark', signedIn, (c) => bookmark(c, deps, 'unbookmark_post'));
  app.post('/:id/vote', signedIn, (c) => vote(c, deps));
  app.post('/:id/report', signedIn, (c) => report(c, deps, 'post_id'));
  app.get('/:id/history', anybody, async (c) => c.json(await getHistory(c, deps)));

  return app;
}
