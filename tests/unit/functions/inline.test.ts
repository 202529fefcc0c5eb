import pg from 'pg';
import { expect, test } from 'vitest';
import { inline, type Parameter } from '../../../functions/_shared/inline.ts';
import { rpc } from '../../../functions/_shared/rpc.ts';

const inlined = (text: string, ...params: Parameter[]) => inline(text, params, pg.escapeLiteral);

test('puts quoted literals in the place of parameters', () => {
  expect(inlined('select $1, $2, $3, $1', "it's", 7, null)).toBe("select 'it''s', '7', null, 'it''s'");
  expect(inlined('select $1', 'a\\b')).toBe("select  E'a\\\\b'");
});

test('a value that looks like a parameter stays a value', () => {
  expect(inlined('select $1, $2', '$2', "'; drop table x; --")).toBe("select '$2', '''; drop table x; --'");
});

test('arrays become literals of arrays, whatever their elements hold', () => {
  expect(inlined('select $1', ['a', 'b"c', 'd\\e', 'f,{g}'])).toBe(
    String.raw`select  E'{"a","b\\"c","d\\\\e","f,{g}"}'`,
  );
  expect(inlined('select $1', [1, 2])).toBe(`select '{"1","2"}'`);
});

test('a text with more parameters than values is a mistake of ours', () => {
  expect(() => inlined('select $1, $2', 1)).toThrow('no parameter $2');
});

test('calls a function by the names of its arguments, without those left to their defaults', () => {
  expect(rpc('page', { p_limit: 3, p_before: undefined, p_id: null })).toEqual({
    text: 'select to_json(r) as row from public.page(p_limit => $1, p_id => $2) r',
    params: [3, null],
  });
});
