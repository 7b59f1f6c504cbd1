// The icons in use, all of one line weight; they say nothing by themselves.
import type { LucideIcon, LucideProps } from "lucide-react";

export type Icon = LucideIcon;
export type IconProps = LucideProps;
export {
  ArrowLeft,
  Check,
  ChevronDown,
  CircleAlert,
  CircleCheck,
  Clock,
  Copy,
  Eye,
  EyeOff,
  Info,
  KeyRound,
  LayoutDashboard,
  Languages as LanguageIcon,
  Loader2,
  LockKeyhole,
  LogOut,
  MailCheck,
  MailWarning,
  Menu as MenuIcon,
  Monitor,
  Moon,
  ShieldX,
  Sun,
  TriangleAlert,
  UserPlus,
  X,
} from "lucide-react";
export {
  ChartLine,
  CircleUser,
  Download,
  FileDown,
  FileUp,
  HeartPulse,
  Mail,
  Pause,
  Play,
  ScrollText,
  Settings,
  Shield,
} from "lucide-react";
