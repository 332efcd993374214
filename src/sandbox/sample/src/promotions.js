import { readdir } from 'node:fs/promises';

const FOLDER = new URL('./promotions/', import.meta.url);

/** Every file of the folder is a promotion. */
export async function promotions() {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.js')).sort();
  const modules = await Promise.all(files.map((file) => import(new URL(file, FOLDER).href)));
  return modules.map(({ promotion }) => promotion);
}

export async function promotionByCode(code) {
  return (await promotions()).find((promotion) => promotion.code === code) ?? null;
}
