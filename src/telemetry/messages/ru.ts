import type { MessageKey } from './en.js';

export const RU: Readonly<Record<MessageKey, string>> = {
  'stage-moved': '➡️ {workItem}: {from} → {to}',
  'sent-back': '↩️ {workItem}: возвращена из {from} в {to}. Причина: {reason}',
  escalated:
    '🚨 {workItem}: остановлена на стадии {stage}, нужен человек. Причина: {reason}. ' +
    'Чтобы продолжить, переведите задачу в In Progress.',
  'work-failed':
    '🚨 {workItem}: работа на стадии {stage} не удалась. Причина: {reason}. ' +
    'Чтобы повторить её, переведите задачу в In Progress.',
  cancelled: '🛑 {workItem}: отменена на стадии {from}. Причина: {reason}',
  'approval-requested':
    '🟢 {workItem}: аналитика готова и ждёт согласования. ' +
    'Прочитайте её в ветке и переведите задачу в Approved или в Rejected с комментарием, почему.',
  'confirmation-requested':
    '🟡 {workItem}: staging в порядке, коммит {head} ждёт, чтобы человек подтвердил выкладку в production. ' +
    'Дерево кода {tree}, поверх main {base}. Что сказали проверки: {verdicts}. ' +
    'Чтобы выложить именно это, переведите задачу в Confirm Deploy. Статус Approved ничего не выкладывает.',
  'deploy-not-started':
    '🚨 {workItem}: выкладка в production не состоялась. Причина: {reason}. ' +
    'Ничего не выложено; можно снова подтвердить через Confirm Deploy.',
  'deploy-not-restored':
    '🚨 {workItem}: выкладка {deploy} в production не удалась, и production не восстановлен. Срочно нужен человек. Причина: {reason}',
  'production-held': '⏸️ {workItem}: подтверждено, но пока не выложено. Причина: {reason}',
  'merged-code-differed':
    '🟠 {workItem}: слияние ({head}) дало код, которого на staging не было. Он не выложен: сначала staging.',
  'deploy-confirmed': '🚀 {workItem}: {by} подтверждает коммит {head}. Он вливается и выкладывается в production.',
  'item-vanished':
    '🕳️ {workItem}: её карточки в трекере больше нет, задача в {repo} поставлена на паузу. Возобновите или отмените её здесь: из трекера ею больше не управлять.',
  'deploy-ended':
    '🚚 {workItem}: выкладка {deploy} в production: {verdict} (код {exit}). {reason}. Протокол — 14-deploy-log.md в ветке.',
  'artifacts-not-merged':
    '📎 {workItem}: документы, написанные после слияния, остались в ветке ({repo}). Причина: {reason}. Если они нужны, влейте их вручную.',
  'budget-reached':
    '💰 {purse}: израсходовано {spent} из {limit} USD, новые агенты не запускаются. Чтобы продолжить, увеличьте {setting} ' +
    'и перезапустите сервис; дневной бюджет начинается заново в 00:00 UTC.',
  'agents-parked': '⏸️ До {until} агенты не запускаются. Причина: {reason}',
  'job-reaped': '🚨 {workItem}: задание {job} ({agent} в {repo}) снято как FAILED: {reason}',
  'reaper-stands-back':
    '🚨 {dead} из {all} работающих агентов сразу выглядят мёртвыми. Скорее всего, ослеп сам сервис, поэтому никто не снимается, ' +
    'пока таких не станет меньше. Проверьте диск, часы и папку {path}.',
  'merge-lease-reclaimed':
    '🔧 {repo}: право слияния отобрано у {workItem} ({branch}). Причина: {reason}. ' +
    'Слияние продолжится само; если это повторяется часто, посмотрите журнал.',
  'disk-nearly-full':
    '💽 Диск с {path} заполнен на {used} %, свободно {free} ГиБ; порог {limit} %. ' +
    'Освободите место: на полном диске ничего нельзя записать, и вся работа остановится.',
  'gesture-ignored': 'ℹ️ {workItem}: {gesture} — без последствий. Причина: {reason}',
  'post-deploy-healthy':
    '💚 {workItem}: production {repo} после выкладки здоров (проверок: {total}, неудачных: {failed}).',
  'post-deploy-degraded':
    '🔥 {workItem}: production {repo} после выкладки деградировал (DEGRADED; неудачных проверок: {failed} из {total}). ' +
    'Причина: {reason}. Репозиторий заморожен: проверьте production и снимите заморозку вручную.',
  'post-deploy-degraded-again':
    '🆘 {workItem}: production {repo} деградировал (DEGRADED), подряд: {times}. Причина: {reason}. ' +
    'Автоматика больше ничего не делает: человек должен посмотреть на production прямо сейчас. Репозиторий заморожен.',
  'post-deploy-inconclusive':
    '❔ {workItem}: неизвестно, в каком состоянии production {repo} после выкладки (проверок: {total}, неудачных: {failed}). ' +
    'Причина: {reason}. Посмотрите сами.',
  'post-deploy-overtaken':
    'ℹ️ {workItem}: наблюдение за production {repo} закончилось раньше срока: {reason} (проверок: {total}, неудачных: {failed}).',
  'post-deploy-rollback': '⏪ {workItem}: production {repo} возвращается с {from} на {to}, где всё было здорово.',
  'post-deploy-rollback-failed':
    '🆘 {workItem}: откат {repo} (выкладка {deploy}) не удался. Причина: {reason}. ' +
    'Автоматика больше ничего не делает: человек должен посмотреть на production прямо сейчас.',
  unblocked: '🔓 {workItem}: разблокирована на стадии {stage} (потерян webhook).',
  'webhooks-missed':
    '🔇 {source}: с {since} опрос нашёл изменений: {missed}, и ни один webhook не пришёл. ' +
    'Проверьте в настройках, включён ли webhook и может ли он достучаться до оркестратора.',
  'webhooks-heard': '🔔 {source}: webhook снова приходят, пропущено: {missed}.',
  done: '✅ {workItem}: готово. Изменение влито и выложено.',
  usage: '🧾 {workItem}: запуск стоил {cost} USD (прочитано токенов: {input}, написано: {output}).',
};
