export type Locale = 'en' | 'ru';
