/** What the library that looks into files calls types that are taken, and how they are called here. */
const TYPES: Readonly<Record<string, string>> = {
  'image/jpeg': 'image/jpeg',
  'image/png': 'image/png',
  'image/apng': 'image/png',
  'image/webp': 'image/webp',
  'image/gif': 'image/gif',
  'image/avif': 'image/avif',
  'video/mp4': 'video/mp4',
  'video/x-m4v': 'video/mp4',
  'video/quicktime': 'video/quicktime',
  'video/webm': 'video/webm',
  'audio/mpeg': 'audio/mpeg',
  'audio/mp4': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/ogg': 'audio/ogg',
  'video/ogg': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
};

/** As many bytes from the beginning of a file tell its type. */
export const TYPE_SAMPLE_BYTES = 4_100;

/** The type under which a detected one is taken; undefined when it is not. Parameters such as codecs do not matter. */
export function takenType(detected: string | undefined): string | undefined {
  return TYPES[detected?.split(';')[0]?.trim() ?? ''];
}
