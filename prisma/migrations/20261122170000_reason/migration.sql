-- Why, in the words of whoever asked. Lines from before have none.
ALTER TABLE "event" ADD COLUMN     "reason" TEXT;
