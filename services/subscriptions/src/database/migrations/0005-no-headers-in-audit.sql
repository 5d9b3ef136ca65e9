-- Custom headers hold credentials of customers; only their names are kept from now on.
UPDATE config_changes SET details = details #- '{settings,customHeaders}' #- '{changes,customHeaders}'
WHERE details->'settings' ? 'customHeaders' OR details->'changes' ? 'customHeaders';
